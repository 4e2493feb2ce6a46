namespace Director.Dataplane.Pipeline;

/// <summary>Where frames leave. Frames are queued and go out together at the end of a batch.</summary>
public interface IFrameOutput
{
    /// <summary>Queues a frame (offload header and all); its memory stays as it is until the batch ends.</summary>
    void Send(EngineInterface leaving, Span<byte> wire);

    /// <summary>Room for a frame of our own making, valid until the batch ends: offload header zeroed, then <paramref name="length"/> bytes.</summary>
    Span<byte> Reserve(int length);
}
