using CsCheck;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

public sealed class SlotAdversarialTests
{
    [Theory]
    [InlineData("linux")]
    [InlineData("linux-")]
    [InlineData("linux-7")]
    [InlineData("linux--7-1a2b3c4d")]
    [InlineData("linux-7-1A2B3C4D")]
    [InlineData("linux-7-1a2b3c4")]
    [InlineData("linux-7-1a2b3c4d5")]
    [InlineData("linux-7-1a2b3c4g")]
    [InlineData("linux-x-1a2b3c4d")]
    [InlineData("linux-+7-1a2b3c4d")]
    [InlineData("linux- 7-1a2b3c4d")]
    [InlineData("linux-7-1a2b3c4d-")]
    [InlineData("linux-7-1a2b3c4d-x")]
    [InlineData("linux-7-1a2b3c4d-2-3")]
    [InlineData("linux-99999999999-1a2b3c4d")]
    [InlineData("Linux-7-1a2b3c4d")]
    [InlineData("xlinux-7-1a2b3c4d")]
    [InlineData("linux2-7-1a2b3c4d")]
    [InlineData("")]
    public void AForeignNameIsNotOurs(string name) => Assert.False(Slot.IsRunnerOf("linux", name, out _, out _));

    [Fact]
    public void NoNameMakesTheReaderThrow() =>
        Gen.OneOf<string>(Gen.String, Gen.String.Select(s => "linux-" + s)).Sample(name =>
        {
            Slot.IsRunnerOf("linux", name, out _, out var uidPart);
            return uidPart.Length is 0 or 8;
        });
}
