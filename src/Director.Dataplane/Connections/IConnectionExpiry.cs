namespace Director.Dataplane.Connections;

/// <summary>Hears of connections whose time is up, while they are still in the table.</summary>
public interface IConnectionExpiry
{
    /// <summary>
    /// True: the table removes it after this call (unless the listener has). False: it stays for another 60 s, as IPVS keeps
    /// templates that connections still use; unless the listener has given it time by itself.
    /// </summary>
    bool Expired(uint number);
}

/// <summary>Is shown every living connection.</summary>
public interface IConnectionVisitor
{
    void Visit(uint number, in ConnectionRecord connection);
}
