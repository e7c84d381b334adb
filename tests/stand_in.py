"""Stands for a program that is forked elsewhere (`tests/forked.py`): the same files, signals and end.

Run by its path, without site packages: it starts in hundredths of a second.
"""

import array
import json
import os
import signal
import socket
import sys

PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> int:
    """Ask for a program and be in its place until it ends; gives its exit status."""
    with socket.socket(socket.AF_UNIX) as asked:
        asked.connect(sys.argv[1])
        request = {"words": sys.argv[2:], "folder": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109
        message = json.dumps(request).encode()
        files = array.array("i", [0, 1, 2])
        asked.sendmsg([len(message).to_bytes(4, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
        asked.sendall(message)
        for passed in PASSED_ON:
            signal.signal(passed, lambda number, _: asked.sendall(bytes([number])))
        answer = asked.recv(2)
    if len(answer) < 2:
        return 1
    status = int.from_bytes(answer, "big", signed=True)
    if status < 0:
        # A signal ended the program, and ends what stands for it.
        if -status in PASSED_ON:
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return status


if __name__ == "__main__":
    sys.exit(main())
