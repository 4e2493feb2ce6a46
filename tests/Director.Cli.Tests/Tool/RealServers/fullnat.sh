#!/bin/sh
# Real server of FULLNAT services.
# There is nothing to run.

# Packets come from the director's local-addresses, so replies find back by themselves, over routers too.
# The client's address is in them only by request, service by service (ipvsadm -a ... --fullnat):
#   --proxy-protocol: the server must expect it, as nginx does with: listen 80 proxy_protocol;
#   --toa: a TCP option, which a kernel module on the server (toa) hands to getpeername.
