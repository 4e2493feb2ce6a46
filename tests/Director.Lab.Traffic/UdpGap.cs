using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Director.Lab.Traffic;

/// <summary>
/// Asks a UDP echo each millisecond and measures the longest silence between two answers: the gap of a take-over. A thread asks
/// and one listens, both asleep in between: polling for less than a millisecond would take a processor from what is measured.
/// </summary>
internal sealed class UdpGap
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);
    private const int ListenAtMost = 50; // milliseconds, then looks whether to stop

    private readonly Socket _socket;
    private long _sent;
    private long _answers;
    private long _longest;
    private long _last;
    private long _lastAsked;

    private UdpGap(Socket socket) => _socket = socket;

    /// <summary>Until stopped; then one line of JSON.</summary>
    public static void Run(IPEndPoint target, CancellationToken stop)
    {
        using Socket socket = new(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = ListenAtMost };
        socket.Connect(target);
        // The console takes some 40 ms for its first line, which would be a silence.
        Console.WriteLine("asking");
        UdpGap gap = new(socket);
        Thread asking = new(() => gap.Ask(stop));
        asking.Start();
        gap.Listen(stop);
        asking.Join();
        gap.Report();
    }

    private void Ask(CancellationToken stop)
    {
        byte[] question = new byte[16];
        while (!stop.IsCancellationRequested)
        {
            _lastAsked = Stopwatch.GetTimestamp();
            if (TryAsk(question))
                _sent++;
            Thread.Sleep(Interval);
        }
    }

    private void Listen(CancellationToken stop)
    {
        byte[] answer = new byte[64];
        while (!stop.IsCancellationRequested)
        {
            if (!TryTake(answer))
                continue;
            long now = Stopwatch.GetTimestamp();
            if (_answers++ == 0)
                Console.WriteLine("answered");
            else
                _longest = Math.Max(_longest, now - _last);
            _last = now;
        }
    }

    private void Report()
    {
        // A silence that lasts to the end counts too; the end is the last question, not the listener's patience after it.
        long unended = _answers == 0 ? 0 : Math.Max(0, _lastAsked - _last);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            sent = _sent,
            answers = _answers,
            longestMilliseconds = Milliseconds(Math.Max(_longest, unended)),
            unendedMilliseconds = Milliseconds(unended),
        }));
    }

    // What ARP or ICMP has to say against it is part of the silence.
    private bool TryAsk(byte[] question)
    {
        try
        {
            return _socket.Send(question) == question.Length;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private bool TryTake(byte[] answer)
    {
        try
        {
            return _socket.Receive(answer) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
