"""A process that is killed (SIGKILL) at the n-th time that it touches a file in a folder; it ends by itself when n is too large."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

TOUCHES = ("open", "os.remove", "os.link", "os.rename", "os.mkdir", "fcntl.flock", "shutil.rmtree")


def killed_at(number: int, what: Callable[[], object], *, under: Path) -> bool:
    """Do `what` in a child that dies before its n-th touch of a file under the folder; whether it was killed."""
    child = os.fork()
    if child == 0:
        left = number

        def touch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if event in TOUCHES and (event == "fcntl.flock" or str(arguments[0]).startswith(str(under))):
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(touch)
        code = 3
        try:
            what()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "what was done in the child failed"
    return False
