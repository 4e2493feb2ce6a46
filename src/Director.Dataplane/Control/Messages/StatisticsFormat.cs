using Director.Model;

namespace Director.Dataplane.Control.Messages;

/// <summary>Observed numbers, and the timeouts.</summary>
public static class StatisticsFormat
{
    private const int Numbers = 80;

    public static void Write(FrameWriter writer, TableStatistics statistics)
    {
        writer.Count(statistics.Services.Length);
        foreach (ServiceStatistics service in statistics.Services)
        {
            ServiceFormat.WriteKey(writer, service.Key);
            WriteNumbers(writer, service.Statistics);
            writer.Count(service.Servers.Length);
            foreach (ServerStatus server in service.Servers)
                WriteServer(writer, server);
        }
    }

    public static TableStatistics Read(ref FrameReader reader) => new(reader.Array(
        ServiceFormat.SmallestKey + Numbers + 4,
        static (ref FrameReader each) => new ServiceStatistics(
            ServiceFormat.ReadKey(ref each), ReadNumbers(ref each), each.Array(Numbers + 19, ReadServer))));

    public static void WriteTimeouts(FrameWriter writer, Timeouts timeouts)
    {
        writer.UInt32(timeouts.Tcp);
        writer.UInt32(timeouts.TcpFin);
        writer.UInt32(timeouts.Udp);
    }

    public static Timeouts ReadTimeouts(ref FrameReader reader) => new(reader.UInt32(), reader.UInt32(), reader.UInt32());

    private static void WriteServer(FrameWriter writer, ServerStatus server)
    {
        writer.Address(server.Address);
        writer.UInt16(server.Port);
        writer.UInt32(server.ActiveConnections);
        writer.UInt32(server.InactiveConnections);
        writer.UInt32(server.PersistentConnections);
        WriteNumbers(writer, server.Statistics);
    }

    private static ServerStatus ReadServer(ref FrameReader reader) => new(
        reader.Address(), reader.UInt16(), reader.UInt32(), reader.UInt32(), reader.UInt32(), ReadNumbers(ref reader));

    private static void WriteNumbers(FrameWriter writer, Statistics numbers)
    {
        writer.UInt64(numbers.Connections);
        writer.UInt64(numbers.InPackets);
        writer.UInt64(numbers.OutPackets);
        writer.UInt64(numbers.InBytes);
        writer.UInt64(numbers.OutBytes);
        writer.UInt64(numbers.ConnectionRate);
        writer.UInt64(numbers.InPacketRate);
        writer.UInt64(numbers.OutPacketRate);
        writer.UInt64(numbers.InByteRate);
        writer.UInt64(numbers.OutByteRate);
    }

    private static Statistics ReadNumbers(ref FrameReader reader) => new(
        reader.UInt64(), reader.UInt64(), reader.UInt64(), reader.UInt64(), reader.UInt64(),
        reader.UInt64(), reader.UInt64(), reader.UInt64(), reader.UInt64(), reader.UInt64());
}
