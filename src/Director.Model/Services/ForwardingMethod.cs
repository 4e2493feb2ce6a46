namespace Director.Model;

/// <summary>How packets reach a real server (ipvsadm's packet-forwarding methods).</summary>
public enum ForwardingMethod : byte
{
    /// <summary>NAT (<c>-m</c>, listed as <c>Masq</c>): destination rewritten, replies translated back.</summary>
    Masquerade = 0,

    /// <summary>The real server is this host itself (listed as <c>Local</c>).</summary>
    Local = 1,

    /// <summary>IP tunnelling (<c>-i</c>, listed as <c>Tunnel</c>).</summary>
    Tunnel = 2,

    /// <summary>Direct routing (<c>-g</c>, listed as <c>Route</c>): only the frame's addresses change.</summary>
    DirectRoute = 3,

    /// <summary>Source and destination rewritten (<c>--fullnat</c>, listed as <c>FullNat</c>).</summary>
    FullNat = 5,
}
