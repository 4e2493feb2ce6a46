namespace Director.Model.Tests.Settings;

public sealed class SettingsTests
{
    /// <summary>What /proc/sys/net/ipv4/vs of Linux 6.1 has, and what it holds after the modules were loaded.</summary>
    public static TheoryData<string, int> Ipvs => new()
    {
        { "am_droprate", 10 }, { "amemthresh", 1024 }, { "backup_only", 0 }, { "cache_bypass", 0 }, { "conn_reuse_mode", 1 },
        { "conntrack", 0 }, { "drop_entry", 0 }, { "drop_packet", 0 }, { "expire_nodest_conn", 0 },
        { "expire_quiescent_template", 0 }, { "ignore_tunneled", 0 }, { "lblc_expiration", 86400 }, { "lblcr_expiration", 86400 },
        { "nat_icmp_send", 0 }, { "pmtu_disc", 1 }, { "run_estimation", 1 }, { "schedule_icmp", 0 }, { "secure_tcp", 0 },
        { "sloppy_sctp", 0 }, { "sloppy_tcp", 0 }, { "snat_reroute", 1 }, { "sync_persist_mode", 0 }, { "sync_ports", 1 },
        { "sync_qlen_max", 0 }, { "sync_refresh_period", 0 }, { "sync_retries", 0 }, { "sync_sock_size", 0 }, { "sync_threshold", 3 },
        { "sync_version", 1 },
    };

    [Theory]
    [MemberData(nameof(Ipvs))]
    public void Each_of_IPVSs_settings_has_its_default_or_a_reason(string name, int value)
    {
        bool found = SettingDefinition.TryFind(name, out SettingDefinition? definition, out string? error);
        Assert.Equal(found, definition?.Default == value);
        Assert.Equal(!found, error?.StartsWith($"{name} has no meaning here: ", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public void Each_reads_what_it_writes_and_nothing_else()
    {
        foreach (SettingDefinition definition in SettingDefinition.All)
        {
            int other = definition.Default == definition.Most ? definition.Least : definition.Most;
            Model.Settings changed = definition.Write(Model.Settings.Default, other);
            Assert.Equal(other, definition.Read(changed));
            Assert.Equal([definition.Name], changed.ToChanges().Keys);
            Assert.Equal(Model.Settings.Default, definition.Write(changed, definition.Default));
            Assert.True(definition.Takes(definition.Least, out _) && definition.Takes(definition.Most, out _));
        }
        Assert.Equal(SettingDefinition.All.Select(definition => definition.Name).Order(StringComparer.Ordinal), SettingDefinition.All.Select(definition => definition.Name));
        Assert.Empty(Model.Settings.Default.ToChanges());
    }

    [Fact]
    public void A_change_is_all_or_nothing()
    {
        Assert.True(Model.Settings.Default.TryChange(Values(("expire_nodest_conn", 1), ("drop_entry", 2)), out Model.Settings changed, out _));
        Assert.Equal(new Model.Settings { ExpireNodestConn = true, DropEntry = 2 }, changed);
        Assert.False(changed.TryChange(Values(("drop_entry", 0), ("drop_packet", 4)), out Model.Settings refused, out string? error));
        Assert.Equal((changed, "drop_packet is 0 to 3, not 4"), (refused, error));
    }

    [Theory]
    [InlineData("expire_nodest", 1, "there is no setting 'expire_nodest' (director set lists them)")]
    [InlineData("conntrack", 1, "conntrack has no meaning here: the engine does not use netfilter's connection tracking")]
    [InlineData("pmtu_disc", 2, "pmtu_disc is 0 to 1, not 2")]
    [InlineData("lblc_expiration", 0, "lblc_expiration is 1 to 2147483, not 0")]
    [InlineData("am_droprate", -1, "am_droprate is 0 to 2147483647, not -1")]
    public void What_cannot_be_set_is_said(string name, int value, string expected)
    {
        Assert.False(Model.Settings.Default.TryChange(Values((name, value)), out _, out string? error));
        Assert.Equal(expected, error);
    }

    private static IEnumerable<KeyValuePair<string, int>> Values(params (string Name, int Value)[] values) =>
        values.Select(each => KeyValuePair.Create(each.Name, each.Value));
}
