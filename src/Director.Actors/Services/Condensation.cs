namespace Director.Actors.Services;

/// <summary>
/// A service that a batch adds is one event, with all that the batch makes of it: a restore writes a row for each service and not
/// one for each of its lines. What comes of it is the same.
/// </summary>
public static class Condensation
{
    /// <param name="decisions">On one service, in the order of the commands; results stay, events change.</param>
    /// <param name="before">The service before all of them.</param>
    /// <param name="after">And after.</param>
    public static void Condense((int Place, Decision Decision)[] decisions, ServiceState before, ServiceState after)
    {
        int added = Array.FindLastIndex(decisions, each => each.Decision.Events is [ServiceAdded]);
        if (added < 0)
            return;
        // The first deletion is that of the service that was there, if one was; of those that the batch added and deleted nothing is left.
        int deleted = before.Service is null ? -1 : Array.FindIndex(decisions, each => each.Decision.Events is [ServiceDeleted]);
        for (int i = 0; i < decisions.Length; i++)
        {
            if (i == added && after.Service is { } service)
                decisions[i].Decision = decisions[i].Decision with { Events = [new ServiceAdded(service)] };
            else if (i != deleted)
                decisions[i].Decision = decisions[i].Decision with { Events = [] };
        }
    }
}
