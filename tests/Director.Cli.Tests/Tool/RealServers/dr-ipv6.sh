#!/bin/sh
# Real server of direct-routed services (DR) at fd00::100.
# To be run as root on the real server, not on the director.
# It does not outlive a restart: have it run at each boot.
set -e

# IPv6 VIPs. Neighbours are told of the addresses of the interface that they ask on, not of those on lo. preferred_lft 0:
# the VIP is never chosen as the source of the server's own traffic. nodad: the director has the address, on purpose.
ip -6 address replace fd00::100/128 dev lo nodad preferred_lft 0

# The server must be in a segment of the director's, and its default route must not lead through the director.
# Programs listen on the VIP (or on every address) at the service's own port: ports are not translated.
