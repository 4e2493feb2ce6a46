#!/bin/sh
# Real server of tunnelled services (TUN) at 10.1.0.100, fd00::100: takes back what the script without --undo does.
# To be run as root on the real server, not on the director.

ip -6 address del fd00::100/128 dev ip6tnl0

ip address del 10.1.0.100/32 dev tunl0

ip link set ip6tnl0 down
modprobe -q -r ip6_tunnel

sysctl -q -w net.ipv4.conf.tunl0.rp_filter=0
ip link set tunl0 down
modprobe -q -r ipip

sysctl -q -w net.ipv4.conf.all.arp_ignore=0
sysctl -q -w net.ipv4.conf.lo.arp_ignore=0
sysctl -q -w net.ipv4.conf.all.arp_announce=0
sysctl -q -w net.ipv4.conf.lo.arp_announce=0
