"""JupyterLab for the notebooks: jupyter lab --config=jupyter_lab_config.py notebooks"""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Sends every message at once.

    A socket's default (Nagle's algorithm) holds small messages back until the browser has answered
    the last one, which it may do 40 ms later: the better part of a slider's delay.
    """

    def connect(self):
        self.websocket_handler.set_nodelay(True)
        return super().connect()


c.ServerApp.kernel_websocket_connection_class = PromptConnection  # noqa: F821
