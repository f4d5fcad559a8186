"""What answers to the reader's hand, in JupyterLab: each renders one picture into an Image."""

from gannotes.widgets.codes import CodeExplorer
from gannotes.widgets.damage import DamageExplorer
from gannotes.widgets.explorer import LatentExplorer
from gannotes.widgets.film import TrainingExplorer
from gannotes.widgets.stepper import GameStepper
from gannotes.widgets.trainer import LiveTrainer

__all__ = [
    "CodeExplorer",
    "DamageExplorer",
    "GameStepper",
    "LatentExplorer",
    "LiveTrainer",
    "TrainingExplorer",
]
