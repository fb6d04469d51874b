"""One command line on every host with pypsrp's WinRS, a thread for each host at once. The task is JSON on stdin, what it used JSON on stdout."""

import json
import resource
import sys
from concurrent.futures import ThreadPoolExecutor

from pypsrp.shell import Process, SignalCode, WinRS
from pypsrp.wsman import WSMan


def main() -> None:
    task = json.load(sys.stdin)
    ports = task["ports"]
    expected = task["expected"].encode()
    with ThreadPoolExecutor(max_workers=task["concurrency"]) as pool:
        outputs = list(pool.map(lambda port: run(port, task), ports))
    if not all(expected in output for output in outputs):
        raise SystemExit("an answer is not whole")
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpuMs": (used.ru_utime + used.ru_stime) * 1000, "peakMemoryMb": used.ru_maxrss / 1024}))


def run(port: int, task: dict) -> bytes:
    settings = {"username": task["username"], "password": task["password"], "operation_timeout": 60, "read_timeout": 90}
    with WSMan("127.0.0.1", port=port, ssl=False, auth="ntlm", encryption="always", no_proxy=True, **settings) as wsman:
        with WinRS(wsman, codepage=65001) as shell:
            process = Process(shell, task["commandLine"], no_shell=True)
            process.invoke()
            process.signal(SignalCode.TERMINATE)
    return process.stdout


main()
