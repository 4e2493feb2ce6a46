#!/bin/sh
# Real server of direct-routed services (DR) at 10.1.0.100.
# To be run as root on the real server, not on the director.
# It does not outlive a restart: have it run at each boot.
set -e

# Only the director answers ARP for the VIP: the server does not hear who asks for it, and asks with the first address of
# the interface instead.
arptables -D INPUT -d 10.1.0.100 -j DROP 2> /dev/null || true
arptables -A INPUT -d 10.1.0.100 -j DROP
ip -o -4 address show scope global | awk '!seen[$2]++ { sub("/.*", "", $4); print $2, $4 }' | while read -r device address; do
    arptables -D OUTPUT -o "$device" -s 10.1.0.100 -j mangle --mangle-ip-s "$address" 2> /dev/null || true
    arptables -A OUTPUT -o "$device" -s 10.1.0.100 -j mangle --mangle-ip-s "$address"
done

# The server takes packets to the VIP for its own. Scope host: the VIP is never chosen as the source of its own traffic.
ip address replace 10.1.0.100/32 dev lo scope host

# The server must be in a segment of the director's, and its default route must not lead through the director.
# Programs listen on the VIP (or on every address) at the service's own port: ports are not translated.
