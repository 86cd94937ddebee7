using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RunnerScaler.Tests.Tidy.Dead;

/// <summary>Sources, compiled as far as it takes to know what each name means.</summary>
internal static class Compiled
{
    /// <summary>What the projects' SDKs put into every file.</summary>
    private const string Implicit = """
        global using System; global using System.Collections.Generic; global using System.IO;
        global using System.Linq; global using System.Net.Http; global using System.Net.Http.Json;
        global using System.Threading; global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder; global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http; global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration; global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting; global using Microsoft.Extensions.Logging;
        """;

    private static readonly CSharpCompilationOptions Options =
        new(OutputKind.ConsoleApplication, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Disable);

    /// <summary>
    /// All that this process runs on, but not what the sources themselves were built to, and of two builds of a client
    /// the one that has more.
    /// </summary>
    private static readonly Lazy<MetadataReference[]> References = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => !Path.GetFileName(p).StartsWith("RunnerScaler", StringComparison.Ordinal)
                && Path.GetFileName(p) != "KubernetesClient.Aot.dll")
            .Select(p => MetadataReference.CreateFromFile(p)),
    ]);

    /// <summary>All of them in one: what is declared once and used in another project is found, too.</summary>
    public static CSharpCompilation All(IEnumerable<SourceFile> files) => CSharpCompilation.Create(
        "All", files.Select(f => f.Tree).Append(CSharpSyntaxTree.ParseText(Implicit)), References.Value, Options);
}
