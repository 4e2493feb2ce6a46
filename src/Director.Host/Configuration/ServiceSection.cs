using System.Net;
using Director.Actors.Services;
using Director.Dataplane.Scheduling;
using Director.Model;

namespace Director.Host.Configuration;

/// <summary>
/// <c>director.services</c>: virtual services with their real servers, declared with everything that ipvsadm could give them. What
/// <see cref="ServiceRules"/> would refuse at run time is a mistake here.
/// </summary>
internal static class ServiceSection
{
    public static VirtualService[] Read(Section director, IReadOnlyList<IPAddress> localAddresses)
    {
        // The host's own addresses are not asked for: a file may be checked on another host.
        Capabilities can = new Capabilities { LocalAddresses = localAddresses, IsHostAddress = IPAddress.IsLoopback };
        List<VirtualService> services = [];
        foreach (Section section in director.Sections("services"))
        {
            if (ReadService(section, can) is not { } service)
                continue;
            if (services.Any(other => other.Key == service.Key))
                section.Wrong("address", $"'{service.Key}' is declared twice");
            services.Add(service);
        }
        return [.. services];
    }

    // Every key is read, whatever is wrong with those before it: all mistakes are told at once.
    private static VirtualService? ReadService(Section section, Capabilities can)
    {
        string address = section.Required("address", "\"tcp 10.1.0.100:80\"");
        if (!ServiceKey.TryParse(address, out ServiceKey? key) && address.Length > 0)
            section.Wrong("address", $"'{address}' is not a service (tcp 10.1.0.100:80, udp [fd00:1::100]:53, fwmark 7, fwmark6 7)");
        string scheduler = section.Text("scheduler") ?? "wlc";
        if (!SchedulerRegistry.Knows(scheduler))
            section.Wrong("scheduler", $"'{scheduler}' is none of {string.Join(", ", SchedulerRegistry.Names.Order())}");
        ServiceFlags flags = ReadSchedulerFlags(section, scheduler) | ReadOnePacket(section, key);
        PersistenceKeys persistence = PersistenceKeys.Read(section, key?.Family);
        Section[] inner = section.Sections("servers");
        RealServer?[] servers = [.. inner.Select(each => ServerSection.Read(each, key))];
        if (key is null)
            return null;
        VirtualService service = persistence.On(new VirtualService { Key = key, Scheduler = scheduler, Flags = flags });
        if (section.IsSound && ServiceRules.Object(service, can) is { } objection)
            section.Wrong("address", objection.Detail ?? $"{objection.Error}");
        for (int i = 0; i < inner.Length; i++)
            Check(inner[i], service, servers.AsSpan(0, i + 1), can);
        return service with { Servers = [.. servers.OfType<RealServer>()] };
    }

    // IPVS and ipvsadm name the flags; those of one scheduler would be without effect in another.
    private static ServiceFlags ReadSchedulerFlags(Section section, string scheduler)
    {
        ServiceFlags flags = ServiceFlags.None;
        string[] names = section.Texts("scheduler-flags");
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0)
                continue;
            if (SchedulerFlag.Find(names[i]) is not { } flag)
                section.Wrong($"scheduler-flags[{i}]", $"'{names[i]}' is none of {string.Join(", ", SchedulerFlag.All.Select(each => each.Name))}");
            else if (!flag.GoesWith(scheduler))
                section.Wrong($"scheduler-flags[{i}]", $"'{names[i]}' is for scheduler {flag.Scheduler}, not for {scheduler}");
            else
                flags |= flag.Flag;
        }
        return flags;
    }

    private static ServiceFlags ReadOnePacket(Section section, ServiceKey? key)
    {
        if (!section.Switch("one-packet", false))
            return ServiceFlags.None;
        if (key?.Protocol is TransportProtocol.Tcp or TransportProtocol.Sctp)
            section.Wrong("one-packet", "goes with udp and fwmark services only");
        return ServiceFlags.OnePacket;
    }

    /// <summary>The last of the servers, with the service and with those before it.</summary>
    private static void Check(Section section, VirtualService service, ReadOnlySpan<RealServer?> servers, Capabilities can)
    {
        if (!section.IsSound || servers[^1] is not { } server)
            return;
        string endpoint = Endpoints.Format(server.Address, server.Port);
        if ((ServiceRules.Object(service.Key, server, can) ?? ServiceRules.ObjectTogether(service, [server])) is { } objection)
            section.Wrong("address", objection.Detail ?? $"{objection.Error}");
        else if (!ServiceRules.CanServe(server.Address))
            section.Wrong("address", $"'{server.Address}' is not a unicast address, or is good on its own link only");
        foreach (RealServer? other in servers[..^1])
        {
            if (other is not null && other.IsAt(server.Address, server.Port))
                section.Wrong("address", $"'{endpoint}' is declared twice in {service.Key}");
        }
    }
}
