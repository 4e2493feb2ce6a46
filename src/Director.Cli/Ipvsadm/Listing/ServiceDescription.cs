using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary>Scheduler and flags of a service, in a table's words and as options.</summary>
internal static class ServiceDescription
{
    /// <summary><c>wlc (flags) persistent 360 mask 255.255.255.0 pe sip ops</c>.</summary>
    public static string Table(VirtualService service)
    {
        StringBuilder text = new(service.Scheduler);
        if ((service.Flags & SchedulerFlag.Mask) != 0)
            text.Append(CultureInfo.InvariantCulture, $" ({SchedulerFlagNames.Format(service.Flags, service.Scheduler)})");
        if (service.Flags.HasFlag(ServiceFlags.Persistent))
        {
            text.Append(CultureInfo.InvariantCulture, $" persistent {service.PersistenceTimeout}");
            if (MaskOf(service) is { } mask)
                text.Append(CultureInfo.InvariantCulture, $" mask {mask}");
            if (service.PersistenceEngine is { } engine)
                text.Append(CultureInfo.InvariantCulture, $" pe {engine}");
        }
        if (service.Flags.HasFlag(ServiceFlags.OnePacket))
            text.Append(" ops");
        return text.ToString();
    }

    /// <summary><c>-s wlc -p 360 -M 255.255.255.0 --pe sip -o -b flags</c>.</summary>
    public static string Options(VirtualService service)
    {
        StringBuilder text = new($"-s {service.Scheduler}");
        if (service.Flags.HasFlag(ServiceFlags.Persistent))
        {
            text.Append(CultureInfo.InvariantCulture, $" -p {service.PersistenceTimeout}");
            if (MaskOf(service) is { } mask)
                text.Append(CultureInfo.InvariantCulture, $" -M {mask}");
        }
        if (service.PersistenceEngine is { } engine)
            text.Append(CultureInfo.InvariantCulture, $" --pe {engine}");
        if (service.Flags.HasFlag(ServiceFlags.OnePacket))
            text.Append(" -o");
        if ((service.Flags & SchedulerFlag.Mask) != 0)
            text.Append(CultureInfo.InvariantCulture, $" -b {SchedulerFlagNames.Format(service.Flags, service.Scheduler)}");
        return text.ToString();
    }

    /// <summary>Only if it is not the whole address.</summary>
    private static string? MaskOf(VirtualService service) => service.Key.Family == AddressFamily.InterNetworkV6
        ? service.PrefixLength == 128 ? null : service.PrefixLength.ToString(CultureInfo.InvariantCulture)
        : service.PersistenceNetmask?.ToString();
}
