#!/bin/sh
# Real server of masqueraded services (NAT), with the director's 10.2.0.254 as its gateway.
# To be run as root on the real server, not on the director.
# It does not outlive a restart: have it run at each boot.
set -e

# Replies go back through the director, which gives them the VIP as source. The gateway is one of the director's
# floating-addresses: it moves with the VIP when another director takes over.
ip route replace default via 10.2.0.254

# Clients in the server's own subnet get its replies directly, and reset the connection: use FULLNAT for them.
