using System.Net;
using System.Net.Sockets;

namespace RunnerScaler.Web;

/// <summary>How many connections a listener takes.</summary>
/// <param name="All">All of them together.</param>
/// <param name="Waiting">Those without work.</param>
/// <param name="WaitingPerAddress">Those without work of one remote address.</param>
/// <param name="KeepsWork">Whether one that works is never closed to make room.</param>
internal sealed record RoomSize(int All, int Waiting, int WaitingPerAddress, bool KeepsWork);

/// <summary>
/// The connections of one listener. One without work (its handshake or its request is not there yet, or the answer to
/// its last one is gone out) is closed after <see cref="Patience"/>. A new one always finds room if one without work
/// can be closed for it: the oldest, of the same address where that has too many. So those that only sit there keep
/// nobody out.
/// </summary>
internal sealed class ConnectionRoom : IDisposable
{
    /// <summary>How long a connection lives without work.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock guard = new();
    private readonly CrowdMemory memory;
    private readonly RoomSize size;
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private readonly LinkedList<Seat> working = [];
    private readonly LinkedList<Seat> waiting = [];
    private readonly Dictionary<IPAddress, LinkedList<Seat>> waitingBy = [];
    private long came;

    public ConnectionRoom(RoomSize size, TimeProvider time)
    {
        (this.size, this.time, memory) = (size, time, new(time));
        timer = time.CreateTimer(_ => CloseOverdue(), null, Interval, Interval);
    }

    /// <summary>The connections now open, and those of them without work.</summary>
    public (int All, int Waiting) Count
    {
        get
        {
            lock (guard)
                return (working.Count + waiting.Count, waiting.Count);
        }
    }

    /// <summary>Takes a connection in.</summary>
    /// <param name="address">Where it comes from.</param>
    /// <param name="close">Closes it at once. Called at most once, from any thread.</param>
    /// <returns>Its place, disposed when it has ended; null if there is none.</returns>
    public Seat? Enter(IPAddress? address, Action close)
    {
        Interlocked.Increment(ref came);
        var seat = new Seat(this, NetworkOf(address), close);
        Seat? leaving = null;
        lock (guard)
        {
            if (waitingBy.TryGetValue(seat.Network, out var others) && others.Count >= size.WaitingPerAddress)
                leaving = others.First!.Value;
            else if (waiting.Count >= size.Waiting)
                leaving = waiting.First!.Value;
            else if (working.Count + waiting.Count >= size.All)
            {
                leaving = (waiting.First ?? (size.KeepsWork ? null : working.First))?.Value;
                if (leaving is null)
                    return null;
            }
            leaving?.TakeOut();
            Wait(seat);
        }
        leaving?.Close();
        return seat;
    }

    public void Dispose() => timer.Dispose();

    /// <summary>A customer is told apart by its IPv4 address, or by the part of its IPv6 address that is not its to
    /// choose.</summary>
    private static IPAddress NetworkOf(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private void CloseOverdue()
    {
        List<Seat> overdue = [];
        lock (guard)
            while (waiting.First?.Value is { } oldest && time.GetElapsedTime(oldest.Since) >= Patience)
            {
                oldest.TakeOut();
                overdue.Add(oldest);
            }
        foreach (var seat in overdue)
            seat.Close();
        memory.Observe(Count.All, Volatile.Read(ref came));
    }

    private void Wait(Seat seat)
    {
        seat.Since = time.GetTimestamp();
        waiting.AddLast(seat.Node);
        if (!waitingBy.TryGetValue(seat.Network, out var same))
            waitingBy[seat.Network] = same = [];
        same.AddLast(seat.NodeOfAddress);
    }

    /// <summary>The place of one connection.</summary>
    internal sealed class Seat : IDisposable
    {
        private readonly ConnectionRoom room;
        private readonly Action close;

        public Seat(ConnectionRoom room, IPAddress network, Action close)
        {
            (this.room, Network, this.close) = (room, network, close);
            (Node, NodeOfAddress) = (new(this), new(this));
        }

        public IPAddress Network { get; }

        public long Since { get; set; }

        public LinkedListNode<Seat> Node { get; }

        public LinkedListNode<Seat> NodeOfAddress { get; }

        /// <summary>There is work: it is not closed for want of it until what is returned is disposed.</summary>
        public IDisposable Work()
        {
            lock (room.guard)
                if (Node.List == room.waiting)
                {
                    TakeOut();
                    room.working.AddLast(Node);
                }
            return new Working(this);
        }

        public void Close() => close();

        /// <summary>The connection has ended.</summary>
        public void Dispose()
        {
            lock (room.guard)
                TakeOut();
        }

        /// <summary>Call it with the guard held.</summary>
        public void TakeOut()
        {
            Node.List?.Remove(Node);
            if (NodeOfAddress.List is not { } same)
                return;
            same.Remove(NodeOfAddress);
            if (same.Count == 0)
                room.waitingBy.Remove(Network);
        }

        private void Rest()
        {
            lock (room.guard)
                if (Node.List == room.working)
                {
                    TakeOut();
                    room.Wait(this);
                }
        }

        private sealed class Working(Seat seat) : IDisposable
        {
            public void Dispose() => seat.Rest();
        }
    }
}
