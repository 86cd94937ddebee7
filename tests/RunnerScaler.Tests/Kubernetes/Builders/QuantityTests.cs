using RunnerScaler.Kubernetes.Builders;

namespace RunnerScaler.Tests.Kubernetes.Builders;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("2", 2)]
    [InlineData("1.5", 1.5)]
    [InlineData("500m", 0.5)]
    [InlineData("3k", 3000)]
    [InlineData("1Ki", 1024)]
    [InlineData("2Gi", 2147483648)]
    [InlineData("2G", 2000000000)]
    [InlineData("1Ti", 1099511627776)]
    public void AmountsAreRead(string text, double amount) => Assert.Equal((decimal)amount, Quantity.Read(text));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("Gi")]
    [InlineData("much")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1,5")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1.2.3")]
    [InlineData(" 1")]
    [InlineData("1 Gi")]
    [InlineData("1Pi2")]
    [InlineData("1e3")]
    [InlineData("1e999999999")]
    [InlineData("99999999999999999999999999999999")]
    public void OtherTextsAreNone(string text) => Assert.Null(Quantity.Read(text));

    [Theory]
    [InlineData(null, null, "500m", "4")]
    [InlineData("8", null, "8", "8")]
    [InlineData(null, "100m", "100m", "100m")]
    [InlineData("1", "2", "1", "2")]
    [InlineData(null, "16", "500m", "16")]
    public void ADefaultNeverContradictsThePool(string? request, string? limit, string requested, string limited)
    {
        var defaults = new BuilderDefaults("i", "500m", "1Gi", "4", "8Gi", "20Gi");
        var builder = new BuilderSpec { Requests = Cpu(request), Limits = Cpu(limit) };
        var written = SidecarResources.Write(builder, defaults, "20Gi");
        Assert.Equal(requested, (string?)written["requests"]!["cpu"]);
        Assert.Equal(limited, (string?)written["limits"]!["cpu"]);
        Assert.Equal("20Gi", (string?)written["requests"]!["ephemeral-storage"]);
        Assert.Null(written["limits"]!["ephemeral-storage"]);
    }

    private static Amounts Cpu(string? amount) =>
        amount is null ? Amounts.None : new(Amounts.None.ByName.Add("cpu", amount));
}
