using CsCheck;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

public sealed class SlotTests
{
    private const string Uid = "1a2b3c4d-5e6f-4000-8000-123456789abc";

    private static readonly Gen<string> AnyPoolName =
        Gen.OneOf<string>(Gen.OneOf("linux", "linux-7", "a", "x-1-2"), Gen.String[Gen.Char["abc019-"], 1, 20]);

    [Fact]
    public void NamesFollowFromTheSlot()
    {
        Assert.Equal("linux-7", Slot.PodName("linux", 7));
        Assert.Equal("linux-7-1a2b3c4d", Slot.RunnerName("linux", 7, Uid, 1));
        Assert.Equal("linux-7-1a2b3c4d-2", Slot.RunnerName("linux", 7, Uid, 2));
    }

    [Fact]
    public void TheLongestNameIsStillAHostName()
    {
        var pool = new string('p', Slot.LongestPoolName);
        Assert.Equal(63, Slot.RunnerName(pool, 9999, Uid, 99).Length);
    }

    [Fact]
    public void ARunnersNameSaysItsSlotAndItsPod() =>
        Gen.Select(AnyPoolName, Gen.Int[0, 9999], Gen.Guid, Gen.Int[1, 99]).Sample((pool, slot, uid, attempt) =>
            Slot.IsRunnerOf(pool, Slot.RunnerName(pool, slot, uid.ToString(), attempt), out var readSlot,
                out var uidPart)
            && readSlot == slot
            && uidPart == Slot.UidPart(uid.ToString()));

    [Fact]
    public void ARunnersNameIsOfOnePoolOnly() =>
        Gen.Select(AnyPoolName, AnyPoolName, Gen.Int[0, 9999], Gen.Guid, Gen.Int[1, 99])
            .Sample((pool, other, slot, uid, attempt) => pool == other
                || !Slot.IsRunnerOf(other, Slot.RunnerName(pool, slot, uid.ToString(), attempt), out _, out _));

    [Fact]
    public void TwoIdentitiesNeverShareAName() =>
        Gen.Select(Gen.Int[0, 99], Gen.Int[1, 5], Gen.Int[0, 99], Gen.Int[1, 5])
            .Sample((slotA, attemptA, slotB, attemptB) =>
            (Slot.RunnerName("linux", slotA, Uid, attemptA) == Slot.RunnerName("linux", slotB, Uid, attemptB))
            == ((slotA, attemptA) == (slotB, attemptB)));
}
