using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary>A kind of table that <c>ipvsadm -L</c> prints: two lines of header, a line a service, a line a real server.</summary>
internal abstract class TableFormat
{
    protected const string ServerHeader = "  -> RemoteAddress:Port";

    public abstract string Header { get; }

    /// <summary>What follows the service's address (<c>TCP  10.0.0.1:80</c>), with the blank before it.</summary>
    public virtual string Service(ServiceListing listing) => " " + ServiceDescription.Table(listing.Service);

    /// <summary>What follows the server's address, which is padded to its column.</summary>
    public abstract string Server(RealServer server, ServerStatus status);

    /// <summary>Width of the service's address; only tables of numbers pad it.</summary>
    public virtual int ServiceWidth => 0;

    protected static string ForwardingOf(RealServer server) => server.Forwarding switch
    {
        ForwardingMethod.Masquerade => "Masq",
        ForwardingMethod.Local => "Local",
        ForwardingMethod.Tunnel => "Tunnel",
        ForwardingMethod.FullNat => "FullNat",
        _ => "Route",
    };
}
