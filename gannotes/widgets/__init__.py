"""Widgets for JupyterLab."""

from gannotes.widgets.attention import AttentionExplorer
from gannotes.widgets.bars import DamageExplorer, FeatureExplorer
from gannotes.widgets.canvas import Canvas
from gannotes.widgets.codes import CodeExplorer
from gannotes.widgets.explorer import LatentExplorer
from gannotes.widgets.film import TrainingExplorer
from gannotes.widgets.rank import RankExplorer
from gannotes.widgets.stepper import GameStepper
from gannotes.widgets.trainer import LiveTrainer
