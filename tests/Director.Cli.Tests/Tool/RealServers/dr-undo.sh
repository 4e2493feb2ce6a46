#!/bin/sh
# Real server of direct-routed services (DR) at 10.1.0.100, 10.1.0.101, fd00::100: takes back what the script without --undo does.
# To be run as root on the real server, not on the director.

ip -6 address del fd00::100/128 dev lo

ip address del 10.1.0.100/32 dev lo
ip address del 10.1.0.101/32 dev lo

sysctl -q -w net.ipv4.conf.all.arp_ignore=0
sysctl -q -w net.ipv4.conf.lo.arp_ignore=0
sysctl -q -w net.ipv4.conf.all.arp_announce=0
sysctl -q -w net.ipv4.conf.lo.arp_announce=0
