namespace Director.Dataplane.Linux.Bpf.Programs;

/// <summary>The program's variables, below the end of its stack.</summary>
internal static class Variables
{
    /// <summary>Of the packet as it came: source, destination, both ports, protocol.</summary>
    public const int Source = -8;
    public const int Destination = -4;
    public const int Ports = -16;
    public const int Protocol = -12;

    /// <summary>Of the packet as it leaves.</summary>
    public const int NewSource = -24;
    public const int NewDestination = -20;
    public const int NewPorts = -32;
    public const int NewSourcePort = -32;
    public const int NewDestinationPort = -30;

    /// <summary>Bytes of IP and transport headers.</summary>
    public const int HeaderLength = -28;

    /// <summary>Pointer to the <see cref="FastPath.FastServer"/>.</summary>
    public const int Server = -40;

    /// <summary>The next hop's words.</summary>
    public const int To = -48;
    public const int From = -56;
    public const int Device = -64;

    public const int AddressDifference = -72;
    public const int PortDifference = -80;

    /// <summary>Of the search: hash and bucket.</summary>
    public const int Hash = -88;
    public const int Bucket = -96;
}
