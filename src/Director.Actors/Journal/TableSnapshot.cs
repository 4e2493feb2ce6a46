using Director.Actors.Services;
using Director.Model;

namespace Director.Actors.Journal;

/// <summary>The table as the journal keeps it now and then, so that recovery need not begin with the first event.</summary>
public sealed record TableSnapshot(VirtualService[] Services, Timeouts Timeouts, DeclarationApplied? Declaration = null)
{
    public static TableSnapshot Of(ServiceTable table) => new([.. table.Services], table.Timeouts, table.Declaration);

    public ServiceTable Restore()
    {
        ServiceTable table = Services.Aggregate(ServiceTable.Empty, (grown, service) => grown.Apply(new ServiceAdded(service)));
        return table with { Timeouts = Timeouts, Declaration = Declaration };
    }
}
