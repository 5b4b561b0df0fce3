# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs COMMAND run -S tcplisten=... MODULE and prints what it sends.

The port is one that was free a moment ago.
"""
import socket
import subprocess
import sys
import time

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
guest = subprocess.Popen(
    [sys.argv[1], "run", "-W", "timeout=20s", "-S",
     f"tcplisten=127.0.0.1:{port}", sys.argv[2]])
for attempt in range(200):
    try:
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        break
    except ConnectionRefusedError:
        time.sleep(0.05)
else:
    sys.exit("nobody listens")
with connection:
    sys.stdout.write(connection.makefile().read())
sys.exit(guest.wait(timeout=10))
