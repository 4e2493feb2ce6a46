namespace Director.Cli.Ipvsadm;

/// <summary>The version that we stand in for, and a usage text of our own.</summary>
internal static class HelpText
{
    public const string Version = "ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)";

    public static string Usage(string program) => $"""
        Usage:
          {program} -A|-E SERVICE [-s SCHEDULER] [-p [SECONDS]] [-M MASK] [-o] [--pe ENGINE] [-b FLAGS]
          {program} -D SERVICE
          {program} -a|-e SERVICE -r SERVER [-m|-g|-i|--fullnat] [-w WEIGHT] [-x UPPER] [-y LOWER] [TUNNEL] [CLIENT]
          {program} -d SERVICE -r SERVER
          {program} -L|-l [SERVICE] [-n] [--stats|--rate|--thresholds|--persistent-conn|--tun-info] [--exact] [--nosort]
          {program} -L -c [-n] [--persistent-conn]
          {program} -L --timeout
          {program} -S [-n]          {program} -R < FILE
          {program} -Z [SERVICE]     {program} -C
          {program} --set TCP TCPFIN UDP

        SERVICE is one of
          -t, --tcp-service ADDRESS:PORT       TCP; the port may be a name; 0 is every port (with -p)
          -u, --udp-service ADDRESS:PORT       UDP
              --sctp-service ADDRESS:PORT      SCTP
          -f, --fwmark-service MARK [-6]       packets with this firewall mark (-6: of IPv6)

        Commands
          -A, --add-service     -E, --edit-service     -D, --delete-service
          -a, --add-server      -e, --edit-server      -d, --delete-server
          -L, -l, --list        -Z, --zero (counters)  -C, --clear (everything)
          -S, --save            -R, --restore          --set (timeouts, seconds; 0 keeps one)

        A service
          -s, --scheduler NAME      rr, wrr, lc, wlc (default), lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh, twos
          -p, --persistent [SEC]    keep each client on its server (default 360)
          -M, --netmask MASK        clients of one network count as one (IPv6: prefix length)
          -o, --ops                 schedule every packet for itself (UDP)
              --pe NAME             persistence engine (sip)
          -b, --sched-flags LIST    sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2, flag-3

        A real server
          -r, --real-server ADDRESS[:PORT]
          -m, --masquerading        NAT
          -g, --gatewaying          direct routing (default)
          -i, --ipip                tunnel: --tun-type ipip|gue|gre, --tun-port PORT,
                                    --tun-nocsum, --tun-csum, --tun-remcsum
              --fullnat             NAT of both ends: from director.local-addresses; the client's own
                                    address is told by --proxy-protocol or --toa, or not at all
          -w, --weight N            share of new connections (default 1; 0: none)
          -x, --u-threshold N       most connections; 0 is no limit
          -y, --l-threshold N       use an overloaded server again below this

        The director is found by DIRECTOR_SOCKET, else at {Transport.DirectorSocket.Default}.

        """;
}
