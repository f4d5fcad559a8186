"""Widgets for JupyterLab."""

from gannotes.widgets.bars import DamageExplorer, FeatureExplorer
from gannotes.widgets.inside import AttentionExplorer, CodeExplorer, RankExplorer
from gannotes.widgets.latent import LatentExplorer
from gannotes.widgets.training import GameStepper, LiveTrainer, TrainingExplorer

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
