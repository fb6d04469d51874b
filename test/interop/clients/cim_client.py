"""Lists CIM instances with pypsrp's WSMan or pywinrm's Protocol. One JSON document in on stdin, one out on stdout.

`client`: pypsrp or pywinrm. `resource`: the resource URI; `wql`: a query, or null for all instances. The answer has each instance as
an object of texts and nulls, and how many Pulls it took; or the fault's number.
"""

import json
import sys
import xml.etree.ElementTree as ET
from urllib.parse import urlsplit

N = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
ENUMERATE = N + "/Enumerate"
PULL = N + "/Pull"
MAX_ELEMENTS = "50"


def main() -> None:
    asked = json.load(sys.stdin)
    opened = pypsrp_sender if asked["client"] == "pypsrp" else pywinrm_sender
    try:
        print(json.dumps(listed(opened(asked), asked)))
    except Fault as fault:
        print(json.dumps({"fault": fault.args[0]}))


class Fault(Exception):
    pass


def pypsrp_sender(asked):
    from pypsrp.exceptions import WSManFaultError
    from pypsrp.wsman import WSMan

    url = urlsplit(asked["url"])
    wsman = WSMan(
        url.hostname,
        port=url.port,
        ssl=False,
        auth="ntlm",
        username=asked["username"],
        password=asked["password"],
        encryption="always",
        no_proxy=True,
    )

    def send(action, body):
        call = wsman.enumerate if action == ENUMERATE else wsman.pull
        try:
            return call(asked["resource"], body)
        except WSManFaultError as error:
            raise Fault(error.code)

    return send


def pywinrm_sender(asked):
    import winrm
    import xmltodict
    from winrm.exceptions import WSManFaultError

    protocol = winrm.Protocol(
        endpoint=asked["url"],
        transport="ntlm",
        username=asked["username"],
        password=asked["password"],
        message_encryption="always",
        proxy=None,
    )

    def send(action, body):
        envelope = protocol.build_wsman_header(action, asked["resource"])
        envelope["env:Body"] = {}
        text = xmltodict.unparse({"env:Envelope": envelope})
        root = ET.fromstring(text)
        root.find("{http://www.w3.org/2003/05/soap-envelope}Body").append(body)
        try:
            return ET.fromstring(protocol.send_message(ET.tostring(root, encoding="unicode")))
        except WSManFaultError as error:
            raise Fault(error.wsman_fault_code)

    return send


def listed(send, asked):
    body = ET.Element("{%s}Enumerate" % N)
    ET.SubElement(body, "{%s}OptimizeEnumeration" % W)
    ET.SubElement(body, "{%s}MaxElements" % W).text = MAX_ELEMENTS
    if asked["wql"]:
        ET.SubElement(body, "{%s}Filter" % W, Dialect=WQL).text = asked["wql"]
    answer = send(ENUMERATE, body)
    items, pulls = items_of(answer, W), 0
    while not ended(answer):
        body = ET.Element("{%s}Pull" % N)
        ET.SubElement(body, "{%s}EnumerationContext" % N).text = answer.find(".//{%s}EnumerationContext" % N).text
        ET.SubElement(body, "{%s}MaxElements" % N).text = MAX_ELEMENTS
        answer = send(PULL, body)
        items, pulls = items + items_of(answer, N), pulls + 1
    return {"items": items, "pulls": pulls}


def items_of(answer, namespace):
    found = answer.find(".//{%s}Items" % namespace)
    return [] if found is None else [values_of(one) for one in found]


def values_of(instance):
    return {one.tag.split("}")[-1]: None if one.get(NIL) == "true" else one.text or "" for one in instance}


def ended(answer):
    return any(answer.find(".//{%s}EndOfSequence" % one) is not None for one in (N, W))


main()
