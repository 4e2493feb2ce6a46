using Director.Dataplane.Control.Messages;
using Director.Dataplane.Linux;

namespace Director.Dataplane.Control;

/// <summary>Finds out whether somebody lives at a socket path, without disturbing whoever controls it.</summary>
internal static class EngineInspection
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <returns>"pid 42, director a"; null if nobody listens there (a dead engine leaves its socket file behind).</returns>
    public static string? WhoListens(string path, EngineIdentity self, TimeProvider time)
    {
        if (UnixChannel.Connect(path, out _) is not { } socket)
            return null;
        using ControlLoop loop = new(time);
        Hello? found = null;
        using ControlChannel channel = new(loop, socket, int.MaxValue, Received, _ => loop.Stop());
        new Hello(PeerRole.Observer, ProtocolRange.Supported, self).Write(channel.Output);
        loop.After(Patience, loop.Stop);
        channel.Flush();
        loop.Run();
        int listener = channel.Peer.ProcessId;
        return found is null ? $"pid {listener}, which does not answer" : $"pid {listener}, director {found.Sender.Name}";

        void Received(FrameHeader header, ReadOnlySpan<byte> body)
        {
            FrameReader reader = new(body, 0);
            Hello hello = Hello.Read(ref reader);
            if (reader.Fault is null)
                found = hello;
            loop.Stop();
        }
    }
}
