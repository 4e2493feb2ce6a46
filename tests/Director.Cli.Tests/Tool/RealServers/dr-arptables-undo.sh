#!/bin/sh
# Real server of direct-routed services (DR) at 10.1.0.100: takes back what the script without --undo does.
# To be run as root on the real server, not on the director.

ip address del 10.1.0.100/32 dev lo

ip -o -4 address show scope global | awk '!seen[$2]++ { sub("/.*", "", $4); print $2, $4 }' | while read -r device address; do
    arptables -D OUTPUT -o "$device" -s 10.1.0.100 -j mangle --mangle-ip-s "$address"
done
arptables -D INPUT -d 10.1.0.100 -j DROP
