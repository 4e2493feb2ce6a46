using Director.Dataplane.Control;
using Director.Host.Configuration;
using Director.Model;
using Prometheus;

namespace Director.Host.Management;

/// <summary>
/// <c>GET /metrics</c>. The registry is made anew for every scrape from one reading of the engine, so that what is no longer
/// there is no longer shown.
/// </summary>
internal static class MetricsEndpoints
{
    public static void MapMetrics(this IEndpointRouteBuilder app) => app.MapGet("/metrics", WriteAsync).WithTags("status").WithSummary("Prometheus metrics");

    private static async Task WriteAsync(HttpContext context, EngineReadings readings, DirectorOptions options)
    {
        DirectorStatus status = await readings.StatusAsync(context.RequestAborted);
        ServicesListing services = await readings.ServicesAsync(context.RequestAborted);
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        MetricFactory metrics = Metrics.WithCustomRegistry(registry);

        metrics.CreateGauge("director_info", "This director.", "name", "version").WithLabels(options.Name, status.Version).Set(1);
        metrics.CreateGauge("director_ready", "1 while the director serves.").Set(status.Ready ? 1 : 0);
        metrics.CreateGauge("director_revision", "Revision of the forwarding table in the journal.").Set(status.Revision);
        metrics.CreateGauge("director_services", "Virtual services configured.").Set(status.Services);
        metrics.CreateGauge("director_real_servers", "Real servers configured, over all services.").Set(status.RealServers);
        Describe(metrics, status.Engine);
        Describe(metrics, services);
        if (status.Election is { } election)
            Describe(metrics, election);

        context.Response.ContentType = PrometheusConstants.TextContentTypeWithVersionAndEncoding;
        await registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
    }

    private static void Describe(MetricFactory metrics, EngineStatus engine)
    {
        metrics.CreateGauge("director_engine_up", "1 while the forwarding engine answers.").Set(engine.Connected ? 1 : 0);
        metrics.CreateGauge("director_engine_revision", "Revision of the forwarding table that is live in the engine.").Set(engine.Revision);
        metrics.CreateGauge("director_engine_uptime_seconds", "Age of the engine process.").Set(engine.UptimeSeconds);
        metrics.CreateGauge("director_connections", "Entries of the connection table.").Set(engine.Connections);
        metrics.CreateGauge("director_connection_limit", "Most entries that the connection table can hold.").Set(engine.ConnectionLimit);
        metrics.CreateGauge("director_warnings", "Things that an operator should mend; see director status.").Set(engine.Warnings.Length);

        Counter dropped = metrics.CreateCounter("director_dropped_packets_total", "Packets that ended at the director, by reason.", "reason");
        foreach ((string reason, ulong count) in engine.Drops)
            dropped.WithLabels(reason).IncTo(count);
        Counter counted = metrics.CreateCounter("director_engine_events_total", "What the engine counts besides.", "event");
        foreach ((string what, ulong count) in engine.Counters.Where(each => !IsGauge(each.Key)))
            counted.WithLabels(what).IncTo(count);
        Gauge ports = metrics.CreateGauge("director_local_ports", "Local ports of full NAT, over all servers.", "state");
        ports.WithLabels("used").Set(engine.Counters.GetValueOrDefault(EngineGauges.LocalPortsInUse));
        ports.WithLabels("all").Set(engine.Counters.GetValueOrDefault(EngineGauges.LocalPortsCapacity));
        metrics.CreateGauge("director_local_ports_fullest_ratio", "Share of its local ports that the server uses that uses most.")
            .Set(engine.Counters.GetValueOrDefault(EngineGauges.LocalPortsFullestPercent) / 100.0);

        Gauge defence = metrics.CreateGauge("director_defence_mode", "Mode of a defence as memory has it now: 0 never, 1 not now, 2 now, 3 always.", "defence");
        defence.WithLabels("drop_entry").Set(engine.Counters.GetValueOrDefault(DefenceGauges.DropEntry));
        defence.WithLabels("drop_packet").Set(engine.Counters.GetValueOrDefault(DefenceGauges.DropPacket));
        defence.WithLabels("secure_tcp").Set(engine.Counters.GetValueOrDefault(DefenceGauges.SecureTcp));
        metrics.CreateGauge("director_drop_packet_rate", "drop_packet drops one of so many packets that would begin a connection; 0: none.")
            .Set(engine.Counters.GetValueOrDefault(DefenceGauges.DropRate));

        Describe(metrics, engine.Counters);

        Gauge carrier = metrics.CreateGauge("director_interface_carrier", "1 while the interface has carrier.", "interface");
        Counter received = metrics.CreateCounter("director_interface_received_packets_total", "Frames taken from the interface.", "interface");
        Counter sent = metrics.CreateCounter("director_interface_sent_packets_total", "Frames given to the interface.", "interface");
        Counter lost = metrics.CreateCounter("director_interface_kernel_drops_total", "Frames that the kernel dropped because the ring was full.", "interface");
        foreach (InterfaceStatus one in engine.Interfaces)
        {
            carrier.WithLabels(one.Name).Set(one.Carrier ? 1 : 0);
            received.WithLabels(one.Name).IncTo(one.ReceivedPackets);
            sent.WithLabels(one.Name).IncTo(one.SentPackets);
            lost.WithLabels(one.Name).IncTo(one.KernelDrops);
        }
    }

    private static void Describe(MetricFactory metrics, Dictionary<string, ulong> sync)
    {
        metrics.CreateGauge("director_sync_lag_seconds", "Owner: age of the oldest changes of connections that a standby has not confirmed.")
            .Set(sync.GetValueOrDefault(EngineGauges.SyncLagMilliseconds) / 1000.0);
        metrics.CreateGauge("director_sync_waiting_entries", "Owner: connections and templates whose change has not been sent yet.")
            .Set(sync.GetValueOrDefault(EngineGauges.SyncWaiting));
        metrics.CreateGauge("director_sync_standbys", "Owner: directors that it keeps in sync.").Set(sync.GetValueOrDefault(EngineGauges.SyncStandbys));
        metrics.CreateGauge("director_sync_standbys_in_sync", "Owner: those of them that have every connection.")
            .Set(sync.GetValueOrDefault(EngineGauges.SyncStandbysInSync));
        metrics.CreateGauge("director_sync_in_sync", "Standby: 1 while its connections are the owner's.").Set(sync.GetValueOrDefault(EngineGauges.SyncInSync));
        metrics.CreateGauge("director_sync_strict_degraded", "1 while strict, and connections are made that no standby has.")
            .Set(sync.GetValueOrDefault(EngineGauges.SyncStrictDegraded));
        if (sync.TryGetValue(EngineGauges.SyncLastMilliseconds, out ulong last))
            metrics.CreateGauge("director_sync_last_seconds", "Standby: time since it last heard of the owner's connections.").Set(last / 1000.0);
    }

    private static bool IsGauge(string name) => name
        is EngineGauges.LocalPortsInUse or EngineGauges.LocalPortsCapacity or EngineGauges.LocalPortsFullestPercent
        || EngineGauges.IsOfSync(name) || DefenceGauges.Contains(name);

    private static void Describe(MetricFactory metrics, ElectionListing election)
    {
        metrics.CreateGauge("director_election_owner", "1 while this director owns the addresses.").Set(election.Role is "owner" or "alone" ? 1 : 0);
        metrics.CreateGauge("director_election_epoch", "Epoch of the ownership; it grows with each take-over.").Set(election.Epoch);
        metrics.CreateCounter("director_take_overs_total", "Times that this director became the owner.").IncTo(election.TakeOvers);
        if (election.LastGapMilliseconds is { } gap)
            metrics.CreateGauge("director_take_over_gap_seconds", "At the last take-over: from the last word of the owner before to the first of this one.").Set(gap / 1000.0);
        Gauge heard = metrics.CreateGauge("director_peer_heard_seconds", "Since another director was heard.", "peer", "way");
        foreach (ElectionPeerListing peer in election.Peers)
        {
            if (peer.HeardOnSegment is { } segment)
                heard.WithLabels(peer.Name, "segment").Set(segment / 1000.0);
            if (peer.HeardOverCluster is { } cluster)
                heard.WithLabels(peer.Name, "cluster").Set(cluster / 1000.0);
        }
    }

    // Gauges, though they count: ipvsadm -Z sets them back to zero.
    private static void Describe(MetricFactory metrics, ServicesListing services)
    {
        Gauge connections = metrics.CreateGauge("director_service_connections", "Connections scheduled since the counters were zeroed.", "service");
        Gauge packets = metrics.CreateGauge("director_service_packets", "Packets forwarded since the counters were zeroed.", "service", "direction");
        Gauge bytes = metrics.CreateGauge("director_service_bytes", "Bytes forwarded since the counters were zeroed.", "service", "direction");
        Gauge active = metrics.CreateGauge("director_server_active_connections", "ActiveConn of ipvsadm.", "service", "server");
        Gauge inactive = metrics.CreateGauge("director_server_inactive_connections", "InActConn of ipvsadm.", "service", "server");
        foreach (ServiceListing listed in services.Services)
        {
            string service = listed.Service.Key.ToString();
            connections.WithLabels(service).Set(listed.Statistics.Connections);
            packets.WithLabels(service, "in").Set(listed.Statistics.InPackets);
            packets.WithLabels(service, "out").Set(listed.Statistics.OutPackets);
            bytes.WithLabels(service, "in").Set(listed.Statistics.InBytes);
            bytes.WithLabels(service, "out").Set(listed.Statistics.OutBytes);
            foreach (ServerStatus server in listed.Servers)
            {
                string name = Endpoints.Format(server.Address, server.Port);
                active.WithLabels(service, name).Set(server.ActiveConnections);
                inactive.WithLabels(service, name).Set(server.InactiveConnections);
            }
        }
    }
}
