#!/bin/sh
# Real server of direct-routed services (DR) at 10.1.0.100, 10.1.0.101, fd00::100.
# To be run as root on the real server, not on the director.
# It does not outlive a restart: have it run at each boot.
set -e

# Only the director answers ARP for the VIP. arp_ignore=1: the server answers for addresses of the interface that it was
# asked on. arp_announce=2: it does not name the VIP as its own when it asks. (The larger of all and an interface's counts.)
sysctl -q -w net.ipv4.conf.all.arp_ignore=1
sysctl -q -w net.ipv4.conf.lo.arp_ignore=1
sysctl -q -w net.ipv4.conf.all.arp_announce=2
sysctl -q -w net.ipv4.conf.lo.arp_announce=2

# The server takes packets to the VIP for its own. Scope host: the VIP is never chosen as the source of its own traffic.
ip address replace 10.1.0.100/32 dev lo scope host
ip address replace 10.1.0.101/32 dev lo scope host

# IPv6 VIPs. Neighbours are told of the addresses of the interface that they ask on, not of those on lo. preferred_lft 0:
# the VIP is never chosen as the source of the server's own traffic. nodad: the director has the address, on purpose.
ip -6 address replace fd00::100/128 dev lo nodad preferred_lft 0

# The server must be in a segment of the director's, and its default route must not lead through the director.
# Programs listen on the VIP (or on every address) at the service's own port: ports are not translated.
