"""Command lines on every host with Ansible's raw module, a task for each. The task is JSON on stdin, what it used JSON on stdout.

Facts are not gathered: the lab has no PowerShell modules, and nobody would ask for them here. Results are printed, as somebody who wants the
facts has it. Every answer must be there, with exit code 0 and some text.
"""

import ctypes
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36
# Quicker than `linear`: 14 tasks on 100 hosts took 83 s instead of 86, and 107 s instead of 124 where a command takes 2 s.
STRATEGY = "free"


def main() -> None:
    task = json.load(sys.stdin)
    home = pathlib.Path(task["folder"])
    connection = {
        "ansible_connection": "winrm",
        "ansible_host": "127.0.0.1",
        "ansible_user": task["username"],
        "ansible_password": task["password"],
        "ansible_winrm_scheme": "http",
        "ansible_winrm_transport": "ntlm",
        "ansible_winrm_message_encryption": "always",
    }
    hosts = {f"h{port}": {"ansible_port": port} for port in task["ports"]}
    (home / "ansible.yml").write_text(json.dumps({"all": {"vars": connection, "hosts": hosts}}))
    tasks = [{"raw": line} for line in task["lines"]]
    play = {"hosts": "all", "gather_facts": False, "strategy": STRATEGY, "tasks": tasks}
    (home / "play.yml").write_text(json.dumps([play]))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_STDOUT_CALLBACK": "minimal",
        "LC_ALL": "C.UTF-8",
        "NO_PROXY": "*",
    }
    program = pathlib.Path(sys.executable).parent / "ansible-playbook"
    command = [program, "-i", home / "ansible.yml", "-f", str(task["concurrency"]), home / "play.yml"]
    # When the bench gives up, Ansible ends too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("it was ended"))
    adopt_orphans()
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True)
    reap_orphans()
    answers = re.split(r"^\S+ \| \w+ \| rc=0 >>$", done.stdout, flags=re.MULTILINE)[1:]
    filled = sum(task["expected"] in answer and answer.strip() != "" for answer in answers)
    wanted = len(hosts) * len(tasks)
    if done.returncode != 0 or filled != wanted:
        said = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise SystemExit(f"{said}\nansible-playbook ended with {done.returncode} and {filled} of {wanted} answers")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"cpuMs": (used.ru_utime + used.ru_stime) * 1000, "peakMemoryMb": used.ru_maxrss / 1024}))


def adopt_orphans() -> None:
    """A fork that outlives its parent becomes a child of this process, so that its CPU is counted too (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans() -> None:
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass


main()
