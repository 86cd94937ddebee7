using System.Net;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Web;

namespace RunnerScaler.Tests.Web;

public sealed class ConnectionRoomTests : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(250);

    private readonly FakeTimeProvider time = new();
    private readonly List<string> closed = [];
    private ConnectionRoom room;

    public ConnectionRoomTests() => room = Room(new(All: 10, Waiting: 6, WaitingPerAddress: 3, KeepsWork: true));

    public void Dispose() => room.Dispose();

    [Fact]
    public void AConnectionWithoutWorkIsClosedAfterFiveSeconds()
    {
        Enter("a");
        time.Advance(ConnectionRoom.Patience - Moment);
        Enter("b");
        Assert.Empty(closed);
        time.Advance(Moment);
        Assert.Equal(["a"], closed);
        Assert.Equal((1, 1), room.Count);
    }

    [Fact]
    public void OneThatWorksIsNotAndAfterwardsItsTimeBeginsAnew()
    {
        var seat = Enter("a");
        using (seat!.Work())
            time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(closed);
        time.Advance(ConnectionRoom.Patience - Moment);
        Assert.Empty(closed);
        time.Advance(Moment);
        Assert.Equal(["a"], closed);
        Assert.Equal((0, 0), room.Count);
    }

    [Fact]
    public void AnAddressThatHasTooManyLosesItsOldest()
    {
        Enter("other", "10.0.0.2");
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
            Assert.NotNull(Enter(name));
        Assert.Equal(["a", "b"], closed);
    }

    [Fact]
    public void TooManyAddressesLoseTheOldestOfAll()
    {
        for (var i = 0; i < 8; i++)
            Assert.NotNull(Enter($"{i}", $"10.0.0.{i}"));
        Assert.Equal(["0", "1"], closed);
        Assert.Equal((6, 6), room.Count);
    }

    [Fact]
    public void WhatWorksIsNeverClosedForOthersAndThenThereIsNoRoom()
    {
        for (var i = 0; i < 10; i++)
            Enter($"{i}")!.Work();
        Assert.Null(Enter("late"));
        Assert.Empty(closed);
        Assert.Equal((10, 0), room.Count);
    }

    [Fact]
    public void WhereWorkIsShortTheOldestMakesRoom()
    {
        room.Dispose();
        room = Room(new(All: 2, Waiting: 2, WaitingPerAddress: 2, KeepsWork: false));
        Enter("a")!.Work();
        Enter("b")!.Work();
        Assert.NotNull(Enter("probe"));
        Assert.Equal(["a"], closed);
    }

    [Fact]
    public void OneThatEndsLeavesNothing()
    {
        var (idle, busy) = (Enter("a")!, Enter("b")!);
        var work = busy.Work();
        idle.Dispose();
        busy.Dispose();
        work.Dispose();
        Assert.Equal((0, 0), room.Count);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(closed);
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1", true)]
    [InlineData("::ffff:10.0.0.1", "::ffff:10.0.0.2", false)]
    public void AnAddressIsWhatItsOwnerCannotChoose(string one, string other, bool same)
    {
        foreach (var name in (string[])["a", "b", "c"])
            Enter(name, one);
        Enter("d", other);
        Assert.Equal(same ? ["a"] : [], closed);
    }

    private ConnectionRoom Room(RoomSize size) => new(size, time);

    private ConnectionRoom.Seat? Enter(string name, string from = "10.0.0.1") =>
        room.Enter(IPAddress.Parse(from), () => closed.Add(name));
}
