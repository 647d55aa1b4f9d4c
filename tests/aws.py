"""An emulation of AWS for tests: its key service, and its object store."""

from collections.abc import Iterator


def serve() -> Iterator[str]:
    """The address of an emulation (moto) on this machine, until the generator is closed."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
