"""Runs one command, or asks for an unknown shell, with pywinrm. One JSON document in on stdin, one out on stdout."""

import base64
import json
import sys

import winrm
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError, WSManFaultError


def main() -> None:
    asked = json.load(sys.stdin)
    protocol = winrm.Protocol(
        endpoint=asked["url"],
        transport=asked["auth"],
        username=asked["username"],
        password=asked["password"],
        kerberos_hostname_override=asked.get("kerberos_hostname"),
        ca_trust_path=asked.get("ca_file") or "legacy_requests",
        message_encryption=asked["encryption"],
        read_timeout_sec=15,
        operation_timeout_sec=10,
        proxy=None,
    )
    try:
        print(json.dumps(run(protocol, asked)))
    except WSManFaultError as error:
        print(json.dumps({"error": "fault", "code": error.wsman_fault_code or error.wmierror_code, "said": str(error)}))
    except (InvalidCredentialsError, WinRMTransportError) as error:
        print(json.dumps({"error": type(error).__name__, "code": getattr(error, "code", None), "said": str(error)}))


def run(protocol: winrm.Protocol, asked: dict) -> dict:
    if asked.get("unknown_shell"):
        protocol.run_command(asked["unknown_shell"], asked["command"])
        return {}
    shell = protocol.open_shell(codepage=asked.get("code_page", 65001))
    try:
        command = protocol.run_command(shell, asked["command"], asked.get("arguments", []))
        stdout, stderr, exit_code = protocol.get_command_output(shell, command)
        protocol.cleanup_command(shell, command)
    finally:
        protocol.close_shell(shell, close_session=False)
    return {
        "stdout": base64.b64encode(stdout).decode(),
        "stderr": base64.b64encode(stderr).decode(),
        "exit_code": exit_code,
    }


main()
