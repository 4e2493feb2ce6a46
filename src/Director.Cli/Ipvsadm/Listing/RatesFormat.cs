using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary><c>ipvsadm -L --rate</c>.</summary>
internal sealed class RatesFormat(bool exact) : TableFormat
{
    public override string Header =>
        "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS\n" + ServerHeader;

    public override int ServiceWidth => NumberColumns.ServiceWidth;

    public override string Service(ServiceListing listing) => Numbers(listing.Statistics);

    public override string Server(RealServer server, ServerStatus status) => Numbers(status.Statistics);

    private string Numbers(Statistics counted) => NumberColumns.Format(
        exact, counted.ConnectionRate, counted.InPacketRate, counted.OutPacketRate, counted.InByteRate, counted.OutByteRate);
}
