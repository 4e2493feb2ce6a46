using System.Net;

namespace Director.Dataplane.Control.Messages;

/// <summary>What the engine needs besides the table, and the small things of that kind: addresses, conflicts.</summary>
public static class ConfigurationFormat
{
    private const int SmallestText = 2;
    private const int SmallestAddress = 5;

    public static void Write(FrameWriter writer, EngineConfiguration configuration)
    {
        writer.Count(configuration.Interfaces.Length);
        foreach (string name in configuration.Interfaces)
            writer.Text(name);
        writer.Count(configuration.FloatingAddresses.Length);
        foreach (FloatingAddress floating in configuration.FloatingAddresses)
        {
            writer.Address(floating.Address);
            writer.Byte(floating.PrefixLength);
            writer.Text(floating.Interface);
        }
        WriteAddresses(writer, configuration.LocalAddresses);
        writer.Byte(configuration.Group);
        writer.Bool(configuration.VirtualMac);
        writer.UInt32(configuration.ConnectionLimit);
        if (writer.Version >= 3)
            writer.Byte((byte)configuration.FastPath);
    }

    public static EngineConfiguration Read(ref FrameReader reader) => new()
    {
        Interfaces = reader.Array(SmallestText, static (ref FrameReader each) => each.Text()),
        FloatingAddresses = reader.Array(
            SmallestAddress + 1 + SmallestText,
            static (ref FrameReader each) => new FloatingAddress(each.Address(), each.Byte(), each.Text())),
        LocalAddresses = ReadAddresses(ref reader),
        Group = reader.Byte(),
        VirtualMac = reader.Bool(),
        ConnectionLimit = reader.UInt32(),
        FastPath = reader.Version >= 3 ? (FastPathChoice)reader.Byte() : FastPathChoice.Auto,
    };

    public static void WriteAddresses(FrameWriter writer, IPAddress[] addresses)
    {
        writer.Count(addresses.Length);
        foreach (IPAddress address in addresses)
            writer.Address(address);
    }

    public static IPAddress[] ReadAddresses(ref FrameReader reader) =>
        reader.Array(SmallestAddress, static (ref FrameReader each) => each.Address());

    public static void WriteConflicts(FrameWriter writer, AddressConflict[] conflicts)
    {
        writer.Count(conflicts.Length);
        foreach (AddressConflict conflict in conflicts)
        {
            writer.Address(conflict.Address);
            writer.Text(conflict.Interface);
            writer.OptionalText(conflict.Mac);
        }
    }

    public static AddressConflict[] ReadConflicts(ref FrameReader reader) => reader.Array(
        SmallestAddress + SmallestText + 1,
        static (ref FrameReader each) => new AddressConflict(each.Address(), each.Text(), each.OptionalText()));
}
