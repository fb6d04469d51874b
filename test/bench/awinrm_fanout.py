"""One command line on every host with awinrm, asyncio in one process. The task is JSON on stdin, what it used JSON on stdout."""

import asyncio
import json
import logging
import resource
import sys
from urllib.parse import quote

from awinrm import Session


async def main() -> None:
    logging.disable(logging.WARNING)
    task = json.load(sys.stdin)
    places = asyncio.Semaphore(task["concurrency"])
    outputs = await asyncio.gather(*(run(port, task, places) for port in task["ports"]))
    if not all(task["expected"].encode() in output for output in outputs):
        raise SystemExit("an answer is not whole")
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"cpuMs": (used.ru_utime + used.ru_stime) * 1000, "peakMemoryMb": used.ru_maxrss / 1024}))


async def run(port: int, task: dict, places: asyncio.Semaphore) -> bytes:
    login = f"{quote(task['username'])}:{quote(task['password'])}"
    async with places, Session(f"http+ntlm-password://{login}@127.0.0.1:{port}/wsman", authtype="spnego") as session:
        output, _, _ = await session.run_cmd(task["commandLine"])
    return output


asyncio.run(main())
