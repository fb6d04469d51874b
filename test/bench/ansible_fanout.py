"""One question to every host with Ansible's raw module. The task is JSON on stdin, what it used JSON on stdout."""

import json
import os
import pathlib
import resource
import subprocess
import sys


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
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "LC_ALL": "C.UTF-8",
        "NO_PROXY": "*",
    }
    program = pathlib.Path(sys.executable).parent / "ansible"
    command = [program, "all", "-i", home / "ansible.yml", "-f", str(task["concurrency"])]
    command += ["-m", "raw", "-a", task["question"], "--one-line"]
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True)
    if done.returncode != 0 or done.stdout.count("rc=0") != len(hosts):
        raise SystemExit(f"ansible ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"cpuMs": (used.ru_utime + used.ru_stime) * 1000, "peakMemoryMb": used.ru_maxrss / 1024}))


main()
