using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary><c>ipvsadm -L --stats</c>.</summary>
internal sealed class StatisticsFormat(bool exact) : TableFormat
{
    public override string Header =>
        "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes\n" + ServerHeader;

    public override int ServiceWidth => NumberColumns.ServiceWidth;

    public override string Service(ServiceListing listing) => Numbers(listing.Statistics);

    public override string Server(RealServer server, ServerStatus status) => Numbers(status.Statistics);

    private string Numbers(Statistics counted) =>
        NumberColumns.Format(exact, counted.Connections, counted.InPackets, counted.OutPackets, counted.InBytes, counted.OutBytes);
}
