#!/bin/sh
# Real server of tunnelled services (TUN) at 10.1.0.100, fd00::100.
# To be run as root on the real server, not on the director.
# It does not outlive a restart: have it run at each boot.
set -e

# Only the director answers ARP for the VIP. arp_ignore=1: the server answers for addresses of the interface that it was
# asked on. arp_announce=2: it does not name the VIP as its own when it asks. (The larger of all and an interface's counts.)
sysctl -q -w net.ipv4.conf.all.arp_ignore=1
sysctl -q -w net.ipv4.conf.lo.arp_ignore=1
sysctl -q -w net.ipv4.conf.all.arp_announce=2
sysctl -q -w net.ipv4.conf.lo.arp_announce=2

# tunl0 unwraps what any sender has wrapped. rp_filter=2: the packets inside come from clients, who are reached by another
# interface, which strict filtering (1) would drop. (The larger of all and an interface's counts, so 0 would not do.)
modprobe ipip
ip link set tunl0 up
sysctl -q -w net.ipv4.conf.tunl0.rp_filter=2

# ip6tnl0 unwraps IPv6 in IPv6.
modprobe ip6_tunnel
ip link set ip6tnl0 up

# The server takes packets to the VIP for its own. Scope host: the VIP is never chosen as the source of its own traffic.
ip address replace 10.1.0.100/32 dev tunl0 scope host

# IPv6 VIPs. Neighbours are told of the addresses of the interface that they ask on, not of those on ip6tnl0. preferred_lft 0:
# the VIP is never chosen as the source of the server's own traffic. nodad: the director has the address, on purpose.
ip -6 address replace fd00::100/128 dev ip6tnl0 nodad preferred_lft 0

# The server must let packets out that have the VIP as source; so must the routers on its way to the clients.
# Programs listen on the VIP (or on every address) at the service's own port: ports are not translated.
