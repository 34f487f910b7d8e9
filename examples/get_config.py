"""Prints the running configuration of the agent that `make run` has started."""
from ncclient import manager

with manager.connect(host="127.0.0.1", port=8300, username="admin", password="admin",
                     hostkey_verify=False, allow_agent=False, look_for_keys=False) as m:
    print(m.get_config(source="running").data_xml)
