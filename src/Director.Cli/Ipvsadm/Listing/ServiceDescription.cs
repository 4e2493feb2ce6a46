using System.Globalization;
using System.Text;
using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary>Scheduler and flags of a service, in a table's words.</summary>
internal static class ServiceDescription
{
    /// <summary><c>wlc (flags) persistent 360 mask 255.255.255.0 pe sip ops</c>.</summary>
    public static string Table(VirtualService service)
    {
        StringBuilder text = new(service.Scheduler);
        if ((service.Flags & SchedulerFlag.Mask) != 0)
            text.Append(CultureInfo.InvariantCulture, $" ({SchedulerFlag.Names(service.Flags, service.Scheduler)})");
        if (service.Flags.HasFlag(ServiceFlags.Persistent))
        {
            text.Append(CultureInfo.InvariantCulture, $" persistent {service.PersistenceTimeout}");
            if (IpvsadmNotation.MaskOf(service) is { } mask)
                text.Append(CultureInfo.InvariantCulture, $" mask {mask}");
            if (service.PersistenceEngine is { } engine)
                text.Append(CultureInfo.InvariantCulture, $" pe {engine}");
        }
        if (service.Flags.HasFlag(ServiceFlags.OnePacket))
            text.Append(" ops");
        return text.ToString();
    }
}
