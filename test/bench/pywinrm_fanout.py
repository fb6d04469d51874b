"""One command line on every host with pywinrm, a thread for each host at once. The task is JSON on stdin, what it used JSON on stdout."""

import json
import os
import resource
import sys
from concurrent.futures import ThreadPoolExecutor

import winrm

# For each request requests puts no_proxy into the environment and takes it away again, which its own threads stumble over; a value that is
# there already is only put back.
os.environ["no_proxy"] = "*"


def main() -> None:
    task = json.load(sys.stdin)
    ports = task["ports"]
    with ThreadPoolExecutor(max_workers=task["concurrency"]) as pool:
        outputs = list(pool.map(lambda port: run(port, task), ports))
    expected = task["expected"].encode()
    if not all(expected in output for output in outputs):
        raise SystemExit("an answer is not whole")
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpuMs": (used.ru_utime + used.ru_stime) * 1000, "peakMemoryMb": used.ru_maxrss / 1024}))


def run(port: int, task: dict) -> bytes:
    protocol = winrm.Protocol(
        endpoint=f"http://127.0.0.1:{port}/wsman",
        transport="ntlm",
        username=task["username"],
        password=task["password"],
        message_encryption="always",
        read_timeout_sec=90,
        operation_timeout_sec=60,
        proxy=None,
    )
    shell = protocol.open_shell(codepage=65001)
    try:
        command = protocol.run_command(shell, task["commandLine"], skip_cmd_shell=True)
        output, _, _ = protocol.get_command_output(shell, command)
        protocol.cleanup_command(shell, command)
    finally:
        protocol.close_shell(shell)
    return output


main()
