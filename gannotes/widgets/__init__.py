"""What answers to the reader's hand, in JupyterLab: each renders one picture into an Image."""

from gannotes.widgets.attention import AttentionExplorer
from gannotes.widgets.codes import CodeExplorer
from gannotes.widgets.damage import DamageExplorer
from gannotes.widgets.explorer import LatentExplorer
from gannotes.widgets.features import FeatureExplorer
from gannotes.widgets.film import TrainingExplorer
from gannotes.widgets.rank import RankExplorer
from gannotes.widgets.stepper import GameStepper
from gannotes.widgets.trainer import LiveTrainer

__all__ = [
    "AttentionExplorer",
    "CodeExplorer",
    "DamageExplorer",
    "FeatureExplorer",
    "GameStepper",
    "LatentExplorer",
    "LiveTrainer",
    "RankExplorer",
    "TrainingExplorer",
]
