import { protocolVersion } from "./messages";

/** Content of `kernel_info_reply`. */
export const kernelInfo = {
  status: "ok",
  protocol_version: protocolVersion,
  implementation: "peftlab",
  implementation_version: "0.1.0",
  language_info: {
    name: "typescript",
    version: "6.0.3",
    mimetype: "text/typescript",
    file_extension: ".ts",
    pygments_lexer: "typescript",
    codemirror_mode: { name: "javascript", typescript: true },
    nbconvert_exporter: "script",
  },
  banner: `TypeScript (peftlab) on Node ${process.versions.node}`,
  help_links: [
    { text: "TypeScript", url: "https://www.typescriptlang.org/docs/" },
    { text: "Node.js", url: "https://nodejs.org/api/" },
  ],
  debugger: false,
  supported_features: [],
};
