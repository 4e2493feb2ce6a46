using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Director.Lab.Traffic;

/// <summary>Asks a UDP echo each millisecond and measures the longest silence between two answers: the gap of a take-over.</summary>
internal static class UdpGap
{
    /// <summary>Until stopped; then one line of JSON.</summary>
    public static void Run(IPEndPoint target, CancellationToken stop)
    {
        using Socket socket = new(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        socket.Connect(target);
        byte[] question = new byte[16];
        byte[] answer = new byte[64];
        long sent = 0, answers = 0, longest = 0, last = 0;
        long interval = Stopwatch.Frequency / 1000;
        long next = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            long now = Stopwatch.GetTimestamp();
            if (now >= next)
            {
                if (TryAsk(socket, question))
                    sent++;
                next = Math.Max(next + interval, now);
            }
            if (!socket.Poll(TimeSpan.FromMicroseconds(Math.Max(0, (next - now) * 1_000_000 / Stopwatch.Frequency)), SelectMode.SelectRead))
                continue;
            while (TryTake(socket, answer))
            {
                now = Stopwatch.GetTimestamp();
                if (answers++ == 0)
                    Console.WriteLine("answered");
                else
                    longest = Math.Max(longest, now - last);
                last = now;
            }
        }
        // A silence that lasts to the end counts too.
        long unended = answers == 0 ? 0 : Stopwatch.GetTimestamp() - last;
        longest = Math.Max(longest, unended);
        Console.WriteLine(JsonSerializer.Serialize(
            new { sent, answers, longestMilliseconds = Milliseconds(longest), unendedMilliseconds = Milliseconds(unended) }));
    }

    private static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;

    // What ARP or ICMP has to say against it is part of the silence.
    private static bool TryAsk(Socket socket, byte[] question)
    {
        try
        {
            return socket.Send(question) == question.Length;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool TryTake(Socket socket, byte[] answer)
    {
        try
        {
            return socket.Receive(answer) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
