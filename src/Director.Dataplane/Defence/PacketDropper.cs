namespace Director.Dataplane.Defence;

/// <summary>drop_packet: one of so many packets that would begin a connection is dropped (IPVS: ip_vs_todrop).</summary>
public struct PacketDropper
{
    private int _rate;
    private int _left;

    /// <summary>From now on one of <paramref name="rate"/>; 0: none. A rate that memory says starts its count anew each second.</summary>
    public void Use(int rate, bool startsAnew)
    {
        _rate = rate;
        if (startsAnew)
            _left = rate;
    }

    /// <summary>Whether this packet is the one.</summary>
    public bool Drops()
    {
        if (_rate == 0 || --_left > 0)
            return false;
        _left = _rate;
        return true;
    }
}
