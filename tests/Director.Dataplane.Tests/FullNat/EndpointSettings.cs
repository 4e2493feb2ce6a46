namespace Director.Dataplane.Tests.FullNat;

/// <summary>How an endpoint behaves.</summary>
internal sealed record EndpointSettings
{
    public uint InitialSequence { get; init; }

    public byte[] Sends { get; init; } = [];

    /// <summary>Bytes to have received before it says anything.</summary>
    public int ListensFor { get; init; }

    public int MaximumSegment { get; init; } = 100;

    /// <summary>Bytes that it takes before its program reads some.</summary>
    public int Buffer { get; init; } = 4000;

    /// <summary>Steps before its program reads for the first time.</summary>
    public int ReadsFrom { get; init; }

    public bool Timestamps { get; init; }

    public bool SelectiveAcknowledgment { get; init; }

    /// <summary>The SYN brings the first bytes along (RFC 7413).</summary>
    public bool DataOnSyn { get; init; }

    /// <summary>Now and then a probe of one byte below what is acknowledged (RFC 9293 section 3.8.4).</summary>
    public bool Probes { get; init; }
}
