"""The configuration of JupyterLab that make lab uses."""

from pathlib import Path
from unittest import mock

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from traitlets.config.loader import PyFileConfigLoader

ROOT = Path(__file__).parents[2]


def test_the_kernels_messages_are_not_held_back():
    config = PyFileConfigLoader("jupyter_lab_config.py", path=str(ROOT)).load_config()
    handler = mock.Mock(spec=KernelWebsocketHandler)
    connection = config.ServerApp.kernel_websocket_connection_class(
        websocket_handler=handler, parent=None
    )
    with mock.patch.object(ZMQChannelsWebsocketConnection, "connect", return_value="done"):
        assert connection.connect() == "done"
    handler.set_nodelay.assert_called_once_with(True)


def test_every_way_to_jupyterlab_names_the_configuration():
    for name in ("Makefile", "README.md", "README.zh.md"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        starts = [line for line in lines if "jupyter lab " in line]
        assert starts and all("jupyter_lab_config.py" in line for line in starts), name
